#include "CSimdJSON.h"

#include <simdjson.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static_assert(SESAME_JSON_PADDING >= simdjson::SIMDJSON_PADDING, "callers pad too little");

struct sesame_json_parser {
    simdjson::dom::parser parser;
};

extern "C" sesame_json_parser *sesame_json_parser_create(void) { return new sesame_json_parser; }

extern "C" void sesame_json_parser_destroy(sesame_json_parser *parser) { delete parser; }

extern "C" sesame_json_document sesame_json_parse(sesame_json_parser *parser, const uint8_t *bytes, size_t length) {
    auto result = parser->parser.parse(bytes, length, false);
    if (result.error()) return {nullptr, nullptr, int(result.error())};
    return {parser->parser.doc.tape.get(), parser->parser.doc.string_buf.get(), 0};
}

extern "C" const char *sesame_json_error_message(int error) {
    return simdjson::error_message(simdjson::error_code(error));
}

extern "C" void sesame_hash128(const void *bytes, size_t length, uint64_t *low, uint64_t *high) {
    XXH128_hash_t hash = XXH3_128bits(bytes, length);
    *low = hash.low64;
    *high = hash.high64;
}
