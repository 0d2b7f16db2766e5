"""Trains a small convolutional network on handwritten digits and exports it to ONNX."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 14
BATCH = 64


class DigitNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(32, 32, kernel_size=3, padding=1)
        self.norm1 = nn.BatchNorm2d(32)
        self.conv3 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.conv4 = nn.Conv2d(64, 64, kernel_size=3, padding=1)
        self.norm2 = nn.BatchNorm2d(64)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(64 * 3 * 3, 48)
        self.fc2 = nn.Linear(48, 10)

    def forward(self, image):
        x = F.relu(self.conv1(image))
        x = self.pool(F.relu(self.norm1(self.conv2(x))))
        x = self.pool(F.relu(self.conv3(x)))
        x = self.pool(F.relu(self.norm2(self.conv4(x))))
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        return self.fc2(x)


def load(path):
    with np.load(path) as arrays:
        images = torch.from_numpy(arrays["image"]).float() / 255
        labels = torch.from_numpy(arrays["labels"]).long()
    return TensorDataset(images, labels)


def jitter(images):
    """Turns, scales and moves each digit a little."""
    n = len(images)
    angle = (torch.rand(n) - 0.5) * 0.4
    scale = 1 + (torch.rand(n) - 0.5) * 0.2
    move = (torch.rand(n, 2) - 0.5) * 0.2
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    theta = torch.stack([cos, -sin, move[:, 0], sin, cos, move[:, 1]], dim=1).view(n, 2, 3)
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def accuracy(model, data):
    model.eval()
    correct = 0
    with torch.no_grad():
        for images, labels in DataLoader(data, batch_size=500):
            correct += (model(images).argmax(1) == labels).sum().item()
    return correct / len(data)


def main():
    torch.manual_seed(1)
    model = DigitNet()
    loader = DataLoader(load("data/train.npz"), batch_size=BATCH, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=EPOCHS * len(loader))

    for epoch in range(EPOCHS):
        model.train()
        total = 0.0
        for images, labels in loader:
            loss = F.cross_entropy(model(jitter(images)), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1:2d}  loss {total / len(loader):.4f}", flush=True)

    print(f"test accuracy {accuracy(model, load('data/test.npz')):.2%}")

    model.eval()
    torch.save(model.state_dict(), "digits.pt")
    torch.onnx.export(
        model,
        (torch.zeros(1, 1, 28, 28),),
        "digits.onnx",
        input_names=["image"],
        output_names=["logits"],
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
        dynamo=False,
    )


if __name__ == "__main__":
    main()
