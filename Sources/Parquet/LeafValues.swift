/// The values of one leaf column for the rows of a row group, taken apart as Parquet stores them: for each value, or place
/// where one is absent, how many of the things around it are there (definition) and which list it continues (repetition).
struct LeafValues: ~Copyable {
    var repetition = GrowingBuffer<UInt8>(capacity: 4096)
    var definition = GrowingBuffer<UInt8>(capacity: 4096)
    /// Codes of the texts that are present.
    var codes = GrowingBuffer<UInt32>(capacity: 4096)
    /// Numbers that are present.
    var numbers = GrowingBuffer<Int64>(capacity: 4096)

    private mutating func clear() {
        repetition.removeAll()
        definition.removeAll()
        codes.removeAll()
        numbers.removeAll()
    }

    mutating func take(_ column: borrowing TextColumn, _ rows: UnsafeBufferPointer<UInt32>) {
        clear()
        let definitions = definition.reserve(rows.count)
        let target = codes.reserve(rows.count)
        var present = 0
        for index in 0..<rows.count {
            let code = column.codes[Int(rows[index])]
            definitions[index] = code == 0 ? 0 : 1
            target[present] = code
            present &+= code == 0 ? 0 : 1
        }
        definition.advance(by: rows.count)
        codes.advance(by: present)
    }

    mutating func take(_ column: borrowing NumberColumn, _ rows: UnsafeBufferPointer<UInt32>) {
        clear()
        let definitions = definition.reserve(rows.count)
        let target = numbers.reserve(rows.count)
        var present = 0
        for index in 0..<rows.count {
            let row = Int(rows[index])
            let isPresent = column.isPresent[row]
            definitions[index] = isPresent
            target[present] = column.values[row]
            present &+= Int(isPresent)
        }
        definition.advance(by: rows.count)
        numbers.advance(by: present)
    }

    mutating func take(_ column: borrowing TextListColumn, _ rows: UnsafeBufferPointer<UInt32>) {
        clear()
        for row in rows { appendList(column, column.runs[Int(row)], outer: 0, repeating: 0) }
    }

    mutating func takeKeys(_ column: borrowing TextListMapColumn, _ rows: UnsafeBufferPointer<UInt32>) {
        clear()
        for row in rows {
            let run = column.runs[Int(row)]
            if appendAbsent(run) { continue }
            for place in run.range {
                level(place == Int(run.start) ? 0 : 1, 2)
                codes.append(column.keyCodes[place])
            }
        }
    }

    mutating func takeValues(_ column: borrowing TextListMapColumn, _ rows: UnsafeBufferPointer<UInt32>) {
        clear()
        for row in rows {
            let run = column.runs[Int(row)]
            if appendAbsent(run) { continue }
            for place in run.range {
                appendList(
                    column.values, column.values.runs[place], outer: 2,
                    repeating: place == Int(run.start) ? 0 : 1)
            }
        }
    }

    mutating func take(
        _ column: borrowing StructureListColumn, field: Int, _ rows: UnsafeBufferPointer<UInt32>
    ) {
        clear()
        for row in rows {
            let run = column.runs[Int(row)]
            if appendAbsent(run) { continue }
            for place in run.range {
                let code = column.codes[place * column.width + field]
                level(place == Int(run.start) ? 0 : 1, code == 0 ? 3 : 4)
                if code != 0 { codes.append(code) }
            }
        }
    }

    /// A list of texts inside something `outer` levels deep that is there.
    @inline(__always)
    private mutating func appendList(
        _ column: borrowing TextListColumn, _ run: Run, outer: UInt8, repeating: UInt8
    ) {
        guard run.count > 0 else { return level(repeating, run.count < 0 ? outer : outer + 1) }
        let inner: UInt8 = outer == 0 ? 1 : 2
        for place in run.range {
            let code = column.codes[place]
            level(place == Int(run.start) ? repeating : inner, code == 0 ? outer + 2 : outer + 3)
            if code != 0 { codes.append(code) }
        }
    }

    /// Whether the row's list or map is null or empty; if so, says so.
    @inline(__always)
    private mutating func appendAbsent(_ run: Run) -> Bool {
        guard run.count <= 0 else { return false }
        level(0, run.count < 0 ? 0 : 1)
        return true
    }

    @inline(__always)
    private mutating func level(_ repetition: UInt8, _ definition: UInt8) {
        self.repetition.append(repetition)
        self.definition.append(definition)
    }
}
