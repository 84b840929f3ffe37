import Primitives

/// Which staged events are new: what is left when those that the lake has, and twins among the staged, are taken out.
public struct FreshEvents: Sendable {
    /// For each stage, the places of its new events, ascending.
    public internal(set) var places: [[UInt32]] = []
    /// How many events are new.
    public internal(set) var count = 0
    /// How many are there already, or came twice.
    public internal(set) var duplicates = 0

    /// The partitions they are to be written in.
    public internal(set) var unit = PartitionUnit.day

    var version: Int64 = -1
    /// The identities of the new events, where the lake is to remember them.
    var ids: [UInt128] = []
}

/// The first of each identity among staged events; one of event publishing before an identity notification.
struct DistinctEvents: Sendable {
    /// Stage and index of each identity's first event, side by side.
    private var places: NumberTable<UInt128>
    private let stages: [[EventKey]]
    private static let removed = UInt64.max - 1

    init(_ stages: [[EventKey]]) {
        self.stages = stages
        places = NumberTable(minimumCapacity: stages.reduce(0) { $0 + $1.count })
        for (stage, keys) in stages.enumerated() {
            for (index, key) in keys.enumerated() {
                let place = Self.place(stage, index)
                let first = places.insert(place, for: key.id)
                guard first != place, !key.isNotification else { continue }
                if stages[Int(first >> 32)][Int(first & 0xffff_ffff)].isNotification {
                    places.update(place, for: key.id)
                }
            }
        }
    }

    private static func place(_ stage: Int, _ index: Int) -> UInt64 { UInt64(stage) << 32 | UInt64(index) }

    /// Whether an event of this identity is staged.
    func contains(_ id: UInt128) -> Bool { places[id] != nil }

    /// Takes out an event that the lake has.
    mutating func remove(_ id: UInt128) { places.update(Self.removed, for: id) }

    /// The places left, for each stage, ascending.
    var left: [[UInt32]] {
        stages.enumerated().map { stage, keys in
            keys.indices.filter { places[keys[$0].id] == Self.place(stage, $0) }.map { UInt32($0) }
        }
    }
}

extension UInt128 {
    /// The number that 32 hexadecimal digits write; nil for anything else.
    init?(eventID digits: UnsafeRawBufferPointer) {
        guard digits.count == 32 else { return nil }
        self = 0
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            self = self << 4 | UInt128(value)
        }
    }
}
