import AWSProtocols
import ControlPlane
import Lake
import Primitives

extension FirehoseAPIReceiver {
    /// Leads a stream with a declared conversion to its table.
    ///
    /// Glue is not asked: the columns are those that were declared here for the stream, or for a table of the name that the
    /// conversion gives. A table of the lake's own, such as S1's `ses_events`, means that the stream carries events of SES.
    ///
    /// - Throws: ``AWSError`` `InvalidArgumentException` where the columns are not known, or are another stream's.
    func attachTable(_ destination: FirehoseDestination, to stream: String, _ source: Source) async throws {
        guard let lake, lake.home.workspace == source.workspace, let conversion = destination.conversion,
            !EventLake.reservedDatasetNames.contains(conversion.table.lowercased())
        else { return }
        let tables = try await lake.streamTables()
        let name = conversion.table.lowercased()
        guard
            let table = tables.first(where: { $0.stream == stream })
                ?? tables.first(where: { $0.name == name })
        else {
            throw AWSError(
                "InvalidArgumentException",
                "the columns of the table '\(conversion.table.prefix(64))' are not known here; declare them first with: "
                    + "sesame stream schema \(conversion.table.prefix(64)) 'id string, …'; a stream of SES's own events has the table ses_events"
            )
        }
        if table.stream != stream, try await isInUse(table.stream, source) {
            throw AWSError(
                "InvalidArgumentException",
                "the table \(table.name) takes the records of the stream \(table.stream); delete that, or declare another table"
            )
        }
        var options = StreamOptions()
        options.caseInsensitive = conversion.caseInsensitive
        options.dotsToUnderscores = conversion.dotsToUnderscores
        options.mappings = conversion.mappings
        do {
            try await lake.setStream(stream, options, ofTable: table.name)
        } catch let failure as Failure where failure.kind == .usage {
            throw AWSError("InvalidArgumentException", failure.message)
        }
    }

    private func isInUse(_ stream: String, _ source: Source) async throws -> Bool {
        try await database.deliveryStreams(in: source.workspace).contains { $0.name == stream }
    }
}
