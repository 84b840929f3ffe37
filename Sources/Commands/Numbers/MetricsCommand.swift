import Analytics
import ArgumentParser
import Foundation

/// `sesame metrics`: the dictionary.
struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Say which metrics there are, or how one of them is counted.",
        discussion: "`sesame query` asks for them. docs/metrics.md has all of this as a page.")

    @Flag(help: "The dimensions in place of the metrics.") var dimensions = false
    @Flag(help: "As JSON.") var json = false
    @Argument(help: "A metric or dimension to explain.") var name: String?

    func run() throws {
        if json {
            return print(
                dimensions ? MetricReference.dimensionsJSON : MetricReference.metricsJSON, terminator: "")
        }
        if let name { return try explain(name) }
        var table = TextTable("name", "title", "what it is")
        if dimensions {
            for dimension in Dimension.all {
                table.add([dimension.name, dimension.title, dimension.meaning])
            }
        } else {
            for metric in Metric.all { table.add([metric.name, metric.title, metric.meaning]) }
        }
        for line in table.lines { print(line) }
    }

    private func explain(_ name: String) throws {
        if let dimension = Dimension.named(name) {
            return print("\(dimension.name): \(dimension.title). \(dimension.meaning)")
        }
        guard let metric = Metric.named(name) else {
            throw ValidationError("there is no metric or dimension '\(name)'; sesame metrics lists them")
        }
        print("\(metric.name): \(metric.title). \(metric.meaning)")
        print("counted    \(metric.formula)")
        if let leftOut = metric.leftOut { print("left out   \(leftOut)") }
        print("unit       \(metric.unit.rawValue)")
        print("in SQL     \(metric.sql)")
    }
}
