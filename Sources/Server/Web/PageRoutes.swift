import ControlPlane
import Dashboard
import HTTPTypes
import Primitives

/// The pages whose content their modules draw: for the server they are all alike.
struct PageRoutes: Sendable {
    let access: Access

    var routes: [Route] {
        Section.all.map { section in
            Route(.get, section.path) { try await show(section.title, section.path, $0) }
        }
            + Section.details.map { detail in
                Route(.get, detail.pattern) { try await show("", detail.section, $0) }
            }
    }

    private func show(_ title: String, _ path: String, _ request: IncomingRequest) async throws
        -> ReceiverAnswer
    {
        if let visitor = try await access.visitor(of: request) {
            return .page(Shell(visitor, access.workspace).page(title, path: path))
        }
        guard let guest = try await access.guest(of: request), guest.share.path == request.path else {
            return .toTheDoor(request)
        }
        let shell = SharedShell(
            madeBy: guest.share.madeBy, until: guest.share.expiresAt.day.iso8601, csrfToken: guest.csrfToken)
        return .page(shell.page(title, path: path))
    }
}

extension Shell {
    /// The shell for who is signed in.
    init(_ visitor: Visitor, _ workspace: String) {
        self.init(
            Reader(
                email: visitor.user.email, role: visitor.user.role.rawValue,
                csrfToken: visitor.session.csrfToken),
            workspace: workspace)
    }
}

extension ReceiverAnswer {
    /// Sends who is not signed in to the door, which leads back.
    static func toTheDoor(_ request: IncomingRequest) -> ReceiverAnswer {
        guard request.path != "/" || !request.query.isEmpty else { return .seeOther("/login") }
        let target = request.path + (request.query.isEmpty ? "" : "?" + request.query)
        var escaped = ""
        for byte in target.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"):
                escaped.unicodeScalars.append(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return .seeOther("/login?then=" + escaped)
    }
}
