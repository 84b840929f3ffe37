#ifndef SESAME_CSIMDJSON_H
#define SESAME_CSIMDJSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A simdjson DOM parser and the document it parsed last.
typedef struct sesame_json_parser sesame_json_parser;

/// Where the last document lies. The tape's layout is simdjson's own (doc/tape.md of the library): one 64-bit word a
/// value, its type in the top byte; strings are `uint32 length, bytes, NUL` in `strings`.
typedef struct {
    const uint64_t *tape;
    const uint8_t *strings;
    int error;  // 0 when the document is well-formed
} sesame_json_document;

sesame_json_parser *sesame_json_parser_create(void);
void sesame_json_parser_destroy(sesame_json_parser *parser);

/// Parses one document. `SESAME_JSON_PADDING` readable bytes must follow `length`.
/// The answer points into the parser and holds until its next call.
sesame_json_document sesame_json_parse(sesame_json_parser *parser, const uint8_t *bytes, size_t length);

/// The sentence for an error code.
const char *sesame_json_error_message(int error);

enum { SESAME_JSON_PADDING = 64 };

/// XXH3's 128-bit hash, whose value is fixed for all versions of the library since 0.8.
void sesame_hash128(const void *bytes, size_t length, uint64_t *low, uint64_t *high);

#ifdef __cplusplus
}
#endif
#endif
