import Foundation
import Primitives
import Query

/// `sesame sql` with a person before it: statements are typed, answers follow.
struct SQLPrompt {
    let session: SQLSession
    init(_ session: SQLSession) { self.session = session }
    func run() async throws {}
}
