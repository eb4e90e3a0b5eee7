/// Reads the part of YAML in which a value means the same to every reader: one document, no anchors, aliases, tags or
/// directives, no key twice.
package enum YAMLDocument {
    /// The most bytes a text may have.
    package static let sizeLimit = 1 << 20
    /// How deep sequences and mappings may nest.
    package static let depthLimit = 64
    /// The most values (keys count) a document may hold.
    package static let nodeLimit = 100_000

    /// The document's root. `file` is only a name for errors; nothing is read from disk.
    package static func parse(text: String, file: String) throws(YAMLError) -> YAMLNode {
        guard text.utf8.count <= sizeLimit else {
            throw YAMLError(file: file, line: 1, column: 1, kind: .tooLarge(limit: sizeLimit))
        }
        var reader = YAMLReader(text: text, file: file)
        return try reader.document()
    }
}

/// Builds the tree from the events.
private struct YAMLReader: ~Copyable {
    private let events: YAMLEvents
    private let file: String
    private var depth = 0
    private var nodes = 0

    init(text: String, file: String) {
        self.events = YAMLEvents(text: text, file: file)
        self.file = file
    }

    mutating func document() throws(YAMLError) -> YAMLNode {
        var event = try events.next()
        if event.kind == .streamStart { event = try events.next() }
        guard case .documentStart(let hasDirective) = event.kind else {
            throw YAMLError(file: file, line: 1, column: 1, kind: .empty)
        }
        guard !hasDirective else { throw error(event, .directive) }
        let first = try events.next()
        let root = try node(first)
        _ = try events.next()  // The document's end; the grammar leaves nothing else.
        let after = try events.next()
        guard after.kind == .streamEnd else { throw error(after, .severalDocuments) }
        // `---` with nothing below is no value anyone wrote.
        if case .scalar(let text, isPlain: true) = root.value, text.isEmpty { throw error(first, .empty) }
        return root
    }

    private mutating func node(_ event: YAMLEvent) throws(YAMLError) -> YAMLNode {
        nodes += 1
        guard nodes <= YAMLDocument.nodeLimit else { throw error(event, .tooManyNodes(limit: YAMLDocument.nodeLimit)) }
        if let anchor = event.anchor { throw error(event, .anchor(anchor)) }
        if let tag = event.tag { throw error(event, .tag(tag)) }
        switch event.kind {
        case .scalar(let text, let isPlain, let isBlock):
            return YAMLNode(
                value: .scalar(text: text, isPlain: isPlain), line: event.line, column: event.column, isBlock: isBlock)
        case .sequenceStart:
            try descend(event)
            var elements: [YAMLNode] = []
            while true {
                let next = try events.next()
                if next.kind == .sequenceEnd { break }
                elements.append(try node(next))
            }
            depth -= 1
            return YAMLNode(value: .sequence(elements), line: event.line, column: event.column)
        case .mappingStart:
            try descend(event)
            let entries = try mappingEntries()
            depth -= 1
            return YAMLNode(value: .mapping(entries), line: event.line, column: event.column)
        case .alias(let name):
            throw error(event, .alias(name))
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw error(event, .syntax("a value is missing here"))
        }
    }

    private mutating func mappingEntries() throws(YAMLError) -> [(key: YAMLNode, value: YAMLNode)] {
        var entries: [(key: YAMLNode, value: YAMLNode)] = []
        var lines: [String: Int] = [:]
        while true {
            let next = try events.next()
            if next.kind == .mappingEnd { return entries }
            let key = try node(next)
            guard let text = key.text else { throw error(next, .keyNotText) }
            if let firstLine = lines[text] { throw error(next, .duplicateKey(text, firstLine: firstLine)) }
            lines[text] = key.line
            let value = try node(try events.next())
            entries.append((key: key, value: value))
        }
    }

    private mutating func descend(_ event: YAMLEvent) throws(YAMLError) {
        depth += 1
        guard depth <= YAMLDocument.depthLimit else { throw error(event, .tooDeep(limit: YAMLDocument.depthLimit)) }
    }

    private func error(_ event: YAMLEvent, _ kind: YAMLError.Kind) -> YAMLError {
        YAMLError(file: file, line: event.line, column: event.column, kind: kind)
    }
}
