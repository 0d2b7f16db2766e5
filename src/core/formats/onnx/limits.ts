/** Payloads up to this many bytes are kept in memory: shapes, scales and axes that analysis needs at once. */
export const INLINE_BYTES = 1024;

/** Nesting of messages: the limit of protobuf's own readers, so what is deeper runs nowhere. */
export const MAX_DEPTH = 100;

/** Nodes of a model, subgraphs included: ten times the largest exported networks, and still within memory. */
export const MAX_NODES = 4_000_000;

/** Bytes of structure (all but weights) that are held in memory: far above real models, below what a process may hold. */
export const MAX_STRUCTURE_BYTES = 512 * 1024 * 1024;

/** One string or one list of attributes: vocabularies are kept in metadata, some of tens of MB. */
export const MAX_FIELD_BYTES = 128 * 1024 * 1024;

/** Dimensions of a tensor: no runtime allows more, and each costs memory. */
export const MAX_RANK = 256;

/** Protobuf cannot read a message of 2 GiB or more: beyond it weights go to a file beside the model. */
export const MAX_MODEL_BYTES = 2 ** 31 - 1;
