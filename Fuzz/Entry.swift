import Foundation

/// Reads one input; it must return, whatever the bytes are.
typealias FuzzTarget = @Sendable (UnsafeRawBufferPointer) -> Void

/// What strangers' bytes meet first, by the names that `scripts/fuzz` knows.
private let targets: [String: FuzzTarget] = [
    "events": fuzzEvents, "sns": fuzzSNS, "firehose": fuzzFirehose, "sigv4": fuzzSigV4,
    "eventbridge": fuzzEventBridge, "body": fuzzBody, "segment": fuzzSegment,
]

/// The target of this process: the variable FUZZ_TARGET.
private let chosen: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let target = targets[name] else {
        fatalError(
            "FUZZ_TARGET is '\(name)'; it must be one of \(targets.keys.sorted().joined(separator: ", "))")
    }
    return target
}()

/// libFuzzer's own loop, which reads the command line.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// What `main` is called where SwiftPM links an executable; it shadows the one that libFuzzer would bring.
@_cdecl("Fuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt
{
    var (count, arguments) = (count, arguments)
    return runFuzzer(&count, &arguments) { bytes, count in
        chosen(UnsafeRawBufferPointer(start: bytes, count: count))
        return 0
    }
}

/// Ends the process, so that libFuzzer keeps the input: a rule was broken without a crash.
func insist(_ condition: Bool, _ rule: StaticString) {
    if !condition { fatalError("broken rule: \(rule)") }
}
