import CYAML

/// One step of libyaml's parser, copied out of its memory.
struct YAMLEvent {
    enum Kind: Equatable {
        case streamStart, streamEnd
        case documentStart(hasDirective: Bool)
        case documentEnd
        case scalar(text: String, isPlain: Bool, isBlock: Bool)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
        case alias(String)
    }
    var kind: Kind
    var anchor: String?
    var tag: String?
    var line: Int
    var column: Int
}

/// Owns a libyaml parser and the bytes it reads from.
final class YAMLEvents {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let file: String

    init(text: String, file: String) {
        self.file = file
        bytes = .allocate(capacity: max(text.utf8.count, 1))
        _ = bytes.initialize(from: text.utf8)
        parser = .allocate(capacity: 1)
        // Fails only without memory, as every allocation here would.
        precondition(yaml_parser_initialize(parser) == 1, "libyaml could not allocate its parser")
        yaml_parser_set_input_string(parser, bytes.baseAddress, text.utf8.count)
        // Without this a text that starts like a UTF-16 byte order mark would be read as something it is not.
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        bytes.deallocate()
    }

    func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }
        var anchor: UnsafeMutablePointer<yaml_char_t>?
        var tag: UnsafeMutablePointer<yaml_char_t>?
        let kind: YAMLEvent.Kind
        switch event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_DOCUMENT_START_EVENT:
            let start = event.data.document_start
            let hasTags = start.tag_directives.start != start.tag_directives.end
            kind = .documentStart(hasDirective: start.version_directive != nil || hasTags)
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: kind = .alias(Self.string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            (anchor, tag) = (scalar.anchor, scalar.tag)
            // By length: a double-quoted "\0" puts a NUL into the text.
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            kind = .scalar(
                text: text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
                isBlock: scalar.style == YAML_LITERAL_SCALAR_STYLE || scalar.style == YAML_FOLDED_SCALAR_STYLE)
        case YAML_SEQUENCE_START_EVENT:
            (anchor, tag) = (event.data.sequence_start.anchor, event.data.sequence_start.tag)
            kind = .sequenceStart
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            (anchor, tag) = (event.data.mapping_start.anchor, event.data.mapping_start.tag)
            kind = .mappingStart
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: kind = .streamEnd  // A C enum: YAML_STREAM_END_EVENT, and YAML_NO_EVENT after it.
        }
        return YAMLEvent(
            kind: kind, anchor: Self.string(anchor), tag: Self.string(tag), line: Int(event.start_mark.line) + 1,
            column: Int(event.start_mark.column) + 1)
    }

    private func syntaxError() -> YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "the text is not YAML"
        let words = parser.pointee.context.map { "\(problem) \(String(cString: $0))" } ?? problem
        let mark = parser.pointee.problem_mark
        var (line, column) = (Int(mark.line) + 1, Int(mark.column) + 1)
        if parser.pointee.error == YAML_READER_ERROR {
            // The reader knows no lines, only the offset of the byte it stopped at.
            let before = bytes.prefix(Int(parser.pointee.problem_offset))
            line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
        }
        return YAMLError(file: file, line: line, column: column, kind: .syntax(words))
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(decodingCString: $0, as: UTF8.self) }
    }
}
