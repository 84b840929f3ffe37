#include "CCRC32C.h"

#include <pthread.h>
#include <string.h>

static uint32_t table[256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void make_table(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
        table[byte] = crc;
    }
}

uint32_t sesame_crc32c_portable(uint32_t crc, const void *bytes, size_t length) {
    pthread_once(&table_once, make_table);
    const uint8_t *next = bytes;
    crc = ~crc;
    while (length-- > 0) crc = crc >> 8 ^ table[(crc ^ *next++) & 0xFF];
    return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const void *bytes, size_t length) {
    const uint8_t *next = bytes;
    uint64_t wide = ~crc;
    for (; length >= 8; length -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    uint32_t narrow = (uint32_t)wide;
    while (length-- > 0) narrow = _mm_crc32_u8(narrow, *next++);
    return ~narrow;
}

uint32_t sesame_crc32c(uint32_t crc, const void *bytes, size_t length) {
    return __builtin_cpu_supports("sse4.2") ? crc32c_sse42(crc, bytes, length)
                                            : sesame_crc32c_portable(crc, bytes, length);
}
#else
uint32_t sesame_crc32c(uint32_t crc, const void *bytes, size_t length) {
    return sesame_crc32c_portable(crc, bytes, length);
}
#endif
