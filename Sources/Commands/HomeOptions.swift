import ArgumentParser
import Foundation
import Lake

/// Where the command works.
struct HomeOptions: ParsableArguments {
    @Option(help: "The folder with all that Sesame keeps (default: $SESAME_HOME, else ./sesame-data).")
    var home: String?

    /// The folder, from the flag, the environment or the default, in this order.
    var directory: HomeDirectory {
        HomeDirectory(path: home ?? ProcessInfo.processInfo.environment["SESAME_HOME"] ?? "sesame-data")
    }
}
