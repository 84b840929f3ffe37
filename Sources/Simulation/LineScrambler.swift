/// Holds lines back to give them out late or a second time, as a network would.
///
/// Lines wait by count, not by time: that bounds the memory, whatever the traffic.
struct LineScrambler {
    private struct Held {
        var due: Int
        var bytes: [UInt8]
    }

    /// How many lines at most pass before a held one.
    static let reach = 2_000

    private let duplicates: Int
    private let outOfOrder: Int
    private var random: RandomSource
    private var held: [Held] = []
    private var passed = 0
    private(set) var displaced = 0
    private(set) var repeated = 0
    private(set) var lines = 0
    private(set) var bytes = 0

    init(options: SimulationOptions, random: RandomSource) {
        duplicates = Int(options.duplicates * 1_000_000)
        outOfOrder = Int(options.outOfOrder * 1_000_000)
        self.random = random
    }

    /// Takes the next line in the order of time and gives out what is due.
    mutating func take(_ line: [UInt8], emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        if random.chance(duplicates) {
            repeated += 1
            hold(line)
        }
        if random.chance(outOfOrder) {
            displaced += 1
            hold(line)
        } else {
            try give(line, emit: emit)
        }
        passed += 1
        while let last = held.last, last.due <= passed {
            held.removeLast()
            try give(last.bytes, emit: emit)
        }
    }

    /// Gives out what is still held.
    mutating func finish(emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        while let last = held.popLast() { try give(last.bytes, emit: emit) }
    }

    private mutating func give(_ line: [UInt8], emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        lines += 1
        bytes += line.count
        try line.withUnsafeBytes(emit)
    }

    /// Keeps the held lines sorted, the next one last.
    private mutating func hold(_ line: [UInt8]) {
        let due = passed + 2 + random.below(Self.reach)
        var (low, high) = (0, held.count)
        while low < high {
            let middle = (low + high) / 2
            if held[middle].due > due { low = middle + 1 } else { high = middle }
        }
        held.insert(Held(due: due, bytes: Array(line)), at: low)
    }
}
