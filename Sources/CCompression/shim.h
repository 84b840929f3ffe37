#include <stddef.h>
#include <stdint.h>
#include <zlib.h>
#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/// XXH64 without a seed, as Parquet's Bloom filters have it.
static inline uint64_t sesame_xxh64(const uint8_t *bytes, size_t count) { return XXH64(bytes, count, 0); }
