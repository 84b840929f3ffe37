import ArgumentParser
import Foundation
import Lake
import Primitives

/// The command line.
public struct Sesame: AsyncParsableCommand {
    /// Names and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "sesame",
        abstract: "Analytics for people who send mail through Amazon SES.",
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, ConfigCommand.self,
            ImportCommand.self, QueryCommand.self, MetricsCommand.self, SQLCommand.self, SimulateCommand.self,
            StatusCommand.self,
            JourneyCommand.self,
            GapsCommand.self, RefusedCommand.self,
            SourceCommand.self, TokenCommand.self, UserCommand.self,
            LakeCommand.self, LogCommand.self, StreamCommand.self, DatasetCommand.self, EraseCommand.self,
            RetentionCommand.self, DoctorCommand.self,
            QueryWorkerCommand.self, LiveTestCommand.self,
            ReferenceCommand.self,
        ])

    /// Nothing to read.
    public init() {}
}
