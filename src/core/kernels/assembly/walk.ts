/*
 * A chunk of a tensor cut into segments by scale. Rows of `width` elements follow each other; `block` rows share their
 * scales, and after `length` rows (one slice along the axis) a block ends even if it is not full. Where `width` is 1 a
 * row is one element and a segment is a run that shares one scale; otherwise a segment is a part of one row, and its
 * elements have scales of their own, side by side. After the last of `scales` comes the first.
 */
let elements: i32 = 0;
let done: i32 = 0;
let rowWidth: i32 = 1;
let blockRows: i32 = 1;
let sliceRows: i32 = 1;
let inRow: i32 = 0;
let leftOfBlock: i32 = 1;
let leftOfSlice: i32 = 1;
let base: i32 = 0;
let allScales: i32 = 1;

/** Where the segment begins in its chunk, its elements, and the number of its (first) scale. */
export let segmentFirst: i32 = 0;
export let segmentCount: i32 = 0;
export let segmentScale: i32 = 0;

/** Starts at an element: `column` of its row, with so many rows left of its block and slice, its row's first scale. */
export function startWalk(
  count: i32,
  width: i32,
  block: i32,
  length: i32,
  column: i32,
  blockLeft: i32,
  sliceLeft: i32,
  scale: i32,
  scales: i32,
): void {
  elements = count;
  done = 0;
  rowWidth = width;
  blockRows = block;
  sliceRows = length;
  inRow = column;
  leftOfBlock = blockLeft;
  leftOfSlice = sliceLeft;
  base = scale;
  allScales = scales;
}

/** True where elements of a segment share one scale. */
export function sharesScale(): bool {
  return rowWidth == 1;
}

export function nextSegment(): bool {
  if (done >= elements) return false;
  const left = elements - done;
  segmentFirst = done;
  let rows = 0;
  if (rowWidth == 1) {
    segmentScale = base;
    segmentCount = min(min(leftOfBlock, leftOfSlice), left);
    rows = segmentCount;
  } else {
    segmentScale = base + inRow;
    segmentCount = min(rowWidth - inRow, left);
    inRow += segmentCount;
    if (inRow == rowWidth) {
      inRow = 0;
      rows = 1;
    }
  }
  done += segmentCount;
  leftOfBlock -= rows;
  leftOfSlice -= rows;
  if (leftOfSlice == 0 || leftOfBlock == 0) {
    if (leftOfSlice == 0) leftOfSlice = sliceRows;
    leftOfBlock = blockRows;
    base += rowWidth;
    if (base == allScales) base = 0;
  }
  return true;
}
