#ifndef SESAME_CCRC32C_H
#define SESAME_CCRC32C_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`, going on from `crc`, which is 0 at the start.
/// Uses SSE4.2 where the processor has it.
uint32_t sesame_crc32c(uint32_t crc, const void *bytes, size_t length);

/// The same by a table, for processors without the instruction.
uint32_t sesame_crc32c_portable(uint32_t crc, const void *bytes, size_t length);

#endif
