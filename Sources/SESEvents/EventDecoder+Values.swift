/// How JSON values become cells: tolerant where real data is odd, as ``EventDecoder`` says.
extension EventDecoder {
    /// A text, or the digits of a number that stands where a text belongs.
    func scalarText(_ value: JSONValue) -> TextSlice? {
        if let text = value.text { return text }
        switch value.kind {
        case .integer, .unsigned, .double, .bool: return record.copyToArena(canonicalText(value))
        default: return nil
        }
    }

    func canonicalText(_ value: JSONValue) -> [UInt8] {
        canonical.removeAll()
        canonical.append(value)
        return canonical.bytes
    }

    func canonicalString(_ value: JSONValue) -> String {
        String(decoding: canonicalText(value), as: UTF8.self)
    }

    func setTexts(_ value: JSONValue, _ column: EventColumn) -> Bool {
        if let single = scalarText(value) {
            let run = record.appendItems(count: 1)
            record.setItem(run.start, single)
            record.set(column, run)
            return true
        }
        guard value.kind == .array else { return false }
        record.set(column, appendTexts(value))
        return true
    }

    private func appendTexts(_ array: JSONValue) -> EventRecord.Run {
        let start = record.items.count
        array.forEachElement { element in
            guard !element.isNull else { return }
            record.append(item: scalarText(element) ?? record.copyToArena(canonicalText(element)))
        }
        return EventRecord.Run(start: start, count: record.items.count - start)
    }

    func setMap(_ value: JSONValue, _ column: EventColumn) -> Bool {
        guard value.isObject else { return false }
        let start = record.entries.count
        value.forEachMember { key, values in
            let run: EventRecord.Run
            if values.kind == .array {
                run = appendTexts(values)
            } else {
                run = EventRecord.Run(start: record.items.count, count: values.isNull ? 0 : 1)
                if !values.isNull {
                    record.append(item: scalarText(values) ?? record.copyToArena(canonicalText(values)))
                }
            }
            record.insert(EventRecord.Entry(key: key, values: run), behind: start)
        }
        record.set(column, EventRecord.Run(start: start, count: record.entries.count - start))
        return true
    }

    func setStructures(
        _ value: JSONValue, _ column: EventColumn, _ fields: [StaticString], _ path: StaticString,
        _ key: TextSlice
    ) -> Bool {
        guard value.kind == .array else { return false }
        let start = record.items.count
        var count = 0
        value.forEachElement { element in
            let run = record.appendItems(count: fields.count)
            count += 1
            element.forEachMember { name, member in
                for position in 0..<fields.count where name.equals(fields[position]) {
                    record.setItem(run.start + position, scalarText(member))
                    return
                }
                extra.append(("\(path).\(key.string)[\(count - 1)].\(name.string)", member))
            }
        }
        record.set(column, EventRecord.Run(start: start, count: count))
        return true
    }

    func setAddresses(
        _ value: JSONValue, _ column: EventColumn, _ path: StaticString, _ key: TextSlice
    ) -> Bool {
        guard value.kind == .array else { return false }
        let start = record.items.count
        var index = 0
        value.forEachElement { element in
            if let text = element.text { record.append(item: text) }
            element.forEachMember { name, member in
                if name.equals("emailAddress"), let text = scalarText(member) {
                    record.append(item: text)
                } else if !member.isNull {
                    extra.append(("\(path).\(key.string)[\(index)].\(name.string)", member))
                }
            }
            index += 1
        }
        record.set(column, EventRecord.Run(start: start, count: record.items.count - start))
        return true
    }

    func setBounceSubtype(_ value: JSONValue) -> Bool {
        guard let text = scalarText(value) else { return false }
        let said = text.string
        let known = BounceSubtype.canonical(said)
        guard known != said else {
            record.set(.bounceSubtype, text)
            return true
        }
        record.set(.bounceSubtype, copying: known.utf8)
        extra.append(("bounce.bounceSubType", value))
        return true
    }
}
