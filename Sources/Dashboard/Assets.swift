import Foundation

/// The files that the pages are made of: style, modules, and the libraries that set-up brings.
public enum Assets {
    /// The folder that has them, beside the program.
    public static var folder: String { Bundle.module.bundlePath + "/Assets" }
}
