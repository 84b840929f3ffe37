/// SplitMix64: the same numbers for the same seed everywhere, in three multiplications.
///
/// The standard library's generator is seeded by the system, and its distributions may change between releases, so
/// the draws are written out here too. They use no transcendental function: those differ between C libraries.
struct RandomSource {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return RandomSource.mix(state)
    }

    /// A number from 0 up to, not including, `bound`.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number of milliseconds from `low` up to, not including, `high`.
    mutating func between(_ low: Int64, _ high: Int64) -> Int64 {
        low + Int64(below(Int(max(1, high - low))))
    }

    /// True `perMillion` times in a million.
    mutating func chance(_ perMillion: Int) -> Bool { below(1_000_000) < perMillion }

    /// A draw from the distribution whose equally likely steps lie between neighbours of `quantiles`.
    mutating func draw(_ quantiles: [Int64]) -> Int64 {
        let step = below(quantiles.count - 1)
        return between(quantiles[step], quantiles[step + 1])
    }

    /// A bijection of 64 bits without visible pattern.
    static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed &>> 31)
    }

    /// A bijection of 48 bits: distinct ordinals give distinct ids that look random.
    static func mix48(_ value: UInt64, key: UInt64) -> UInt64 {
        let mask: UInt64 = 0xFFFF_FFFF_FFFF
        var mixed = (value ^ key) & mask
        mixed = (mixed &* 0x9E37_79B9_7F4B) & mask
        mixed ^= mixed &>> 23
        mixed = (mixed &* 0xBF58_476D_1CE5) & mask
        return mixed ^ (mixed &>> 25)
    }
}
