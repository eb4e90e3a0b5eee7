/// Reads CEL's grammar from the top; whatever this version does not evaluate is refused by name.
struct ExpressionParser {
    private var lexer: ExpressionLexer
    private var token: ExpressionToken
    private var nesting = 0

    /// A node with the depth of its tree, so that evaluation never recurses deeper than a known limit.
    private struct Part {
        var node: ExpressionNode
        var depth: Int
    }

    init(_ source: String) throws(ExpressionError) {
        lexer = ExpressionLexer(source)
        guard source.unicodeScalars.count <= ParsedExpression.lengthLimit else {
            throw lexer.error(
                .syntax("the expression is longer than \(ParsedExpression.lengthLimit) characters"), at: 0)
        }
        token = try lexer.next()
    }

    mutating func whole() throws(ExpressionError) -> ExpressionNode {
        let part = try expression()
        guard token.kind == .end else { throw unexpected() }
        return part.node
    }

    /// Expr = ConditionalOr ["?" ConditionalOr ":" Expr]
    private mutating func expression() throws(ExpressionError) -> Part {
        nesting += 1
        guard nesting <= ParsedExpression.nestingLimit else {
            throw error(
                .syntax("the expression nests more than \(ParsedExpression.nestingLimit) levels deep"))
        }
        defer { nesting -= 1 }
        let part = try disjunction()
        if isSymbol("?") { throw error(.notSupported("the conditional a ? b : c")) }
        return part
    }

    private mutating func disjunction() throws(ExpressionError) -> Part {
        var parts = [try conjunction()]
        while try takeSymbol("||") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : try made(.any(parts.map(\.node)), from: parts)
    }

    private mutating func conjunction() throws(ExpressionError) -> Part {
        var parts = [try relation()]
        while try takeSymbol("&&") { parts.append(try relation()) }
        return parts.count == 1 ? parts[0] : try made(.all(parts.map(\.node)), from: parts)
    }

    private mutating func relation() throws(ExpressionError) -> Part {
        var left = try addition()
        while true {
            if case .symbol(let symbol) = token.kind,
                let comparison = ExpressionNode.Comparison(rawValue: symbol)
            {
                try advance()
                let right = try addition()
                left = try made(.comparison(comparison, left.node, right.node), from: [left, right])
            } else if token.kind == .identifier("in") {
                try advance()
                let right = try addition()
                left = try made(.membership(left.node, of: right.node), from: [left, right])
            } else {
                return left
            }
        }
    }

    private mutating func addition() throws(ExpressionError) -> Part {
        let part = try unary()
        for symbol in ["+", "-", "*", "/", "%"] where isSymbol(symbol) { throw error(.notSupported(symbol)) }
        return part
    }

    /// Unary = Member | "!" {"!"} Member | "-" {"-"} Member, where only a number follows "-" here.
    private mutating func unary() throws(ExpressionError) -> Part {
        var bangs = 0
        while try takeSymbol("!") { bangs += 1 }
        if bangs > 0 {
            var part = try member()
            for _ in 0..<bangs { part = try made(.not(part.node), from: [part]) }
            return part
        }
        return try member()
    }

    private mutating func member() throws(ExpressionError) -> Part {
        var part = try primary()
        while true {
            if try takeSymbol(".") {
                part = try selection(of: part)
            } else if try takeSymbol("[") {
                if isSymbol("?") { throw error(.notSupported("an optional index [?…]")) }
                let index = try expression()
                try expectSymbol("]")
                part = try made(.index(part.node, index.node), from: [part, index])
            } else if isSymbol("{"), case .variable = part.node {
                throw error(.notSupported("building a message (Name{…})"))
            } else {
                return part
            }
        }
    }

    private mutating func selection(of base: Part) throws(ExpressionError) -> Part {
        if isSymbol("?") { throw error(.notSupported("an optional field (a.?b)")) }
        guard case .identifier(let name) = token.kind, !Self.literals.contains(name) else {
            throw unexpected()
        }
        let offset = token.offset
        try advance()
        guard isSymbol("(") else { return try made(.field(base.node, name, offset: offset), from: [base]) }
        guard name == "size" else { throw lexer.error(.notSupported("\(name)()"), at: offset) }
        try advance()
        guard try takeSymbol(")") else { throw error(.syntax("x.size() takes no argument")) }
        return try made(.size(base.node), from: [base])
    }

    private mutating func primary() throws(ExpressionError) -> Part {
        let offset = token.offset
        switch token.kind {
        case .identifier(let name): return try named(name, offset: offset)
        case .int(let magnitude):
            guard let value = Int64(exactly: magnitude) else {
                throw error(.syntax("\(magnitude) is not a whole number of 64 bits"))
            }
            return try literal(.int(value))
        case .double(let value): return try literal(.double(value))
        case .string(let value): return try literal(.string(value))
        case .symbol("-"): return try negative(offset: offset)
        case .symbol("("):
            try advance()
            let part = try expression()
            try expectSymbol(")")
            return part
        case .symbol("["): return try list()
        case .symbol("{"): throw error(.notSupported("a map literal ({…})"))
        case .symbol("."): throw error(.notSupported("a name that starts with a dot"))
        case .symbol, .end: throw unexpected()
        }
    }

    private mutating func named(_ name: String, offset: Int) throws(ExpressionError) -> Part {
        switch name {
        case "true": return try literal(.bool(true))
        case "false": return try literal(.bool(false))
        case "null": return try literal(.null)
        default: break
        }
        guard !Self.reserved.contains(name) else { throw error(.syntax("\(name) is a reserved word")) }
        try advance()
        guard isSymbol("(") else {
            if Self.typeNames.contains(name) {
                throw lexer.error(.notSupported("the type \(name) as a value"), at: offset)
            }
            return Part(node: .variable(name, offset: offset), depth: 1)
        }
        guard name == "size" else { throw lexer.error(.notSupported("\(name)()"), at: offset) }
        try advance()
        let argument = try expression()
        guard !isSymbol(",") else { throw error(.syntax("size() takes one argument")) }
        try expectSymbol(")")
        return try made(.size(argument.node), from: [argument])
    }

    private mutating func negative(offset: Int) throws(ExpressionError) -> Part {
        try advance()
        switch token.kind {
        case .int(let magnitude):
            guard magnitude <= Int64.min.magnitude else {
                throw lexer.error(.syntax("-\(magnitude) is not a whole number of 64 bits"), at: offset)
            }
            return try literal(.int(Int64(truncatingIfNeeded: 0 &- magnitude)))
        case .double(let value): return try literal(.double(-value))
        case .identifier, .string, .symbol, .end:
            throw lexer.error(.notSupported("- before anything but a number"), at: offset)
        }
    }

    private mutating func list() throws(ExpressionError) -> Part {
        try advance()
        var parts: [Part] = []
        while !isSymbol("]") {
            if isSymbol("?") { throw error(.notSupported("an optional element ([?…])")) }
            parts.append(try expression())
            guard try takeSymbol(",") else { break }
        }
        try expectSymbol("]")
        // A list of literals is one literal: `x in ["a", "b"]` then builds nothing when it is evaluated.
        let values = parts.compactMap { part in
            if case .literal(let value) = part.node { value } else { nil as ExpressionValue? }
        }
        return try made(
            values.count == parts.count ? .literal(.list(values)) : .list(parts.map(\.node)), from: parts)
    }

    // MARK: Words

    private static let literals: Set<String> = ["true", "false", "null", "in"]
    private static let reserved: Set<String> = [
        "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
        "package",
        "namespace", "return", "var", "void", "while",
    ]
    private static let typeNames: Set<String> = [
        "bool", "bytes", "double", "dyn", "int", "list", "map", "null_type", "optional_type", "string",
        "type", "uint",
    ]

    private func isSymbol(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }

    private mutating func advance() throws(ExpressionError) { token = try lexer.next() }

    private mutating func takeSymbol(_ symbol: String) throws(ExpressionError) -> Bool {
        guard isSymbol(symbol) else { return false }
        try advance()
        return true
    }

    private mutating func expectSymbol(_ symbol: String) throws(ExpressionError) {
        guard try takeSymbol(symbol) else {
            throw error(.syntax("\(symbol) is expected here, not \(Self.shown(token.kind))"))
        }
    }

    private mutating func literal(_ value: ExpressionValue) throws(ExpressionError) -> Part {
        try advance()
        return Part(node: .literal(value), depth: 1)
    }

    private func made(_ node: ExpressionNode, from parts: [Part]) throws(ExpressionError) -> Part {
        let depth = (parts.map(\.depth).max() ?? 0) + 1
        guard depth <= ParsedExpression.depthLimit else {
            throw error(
                .syntax("operators stand more than \(ParsedExpression.depthLimit) deep inside each other"))
        }
        return Part(node: node, depth: depth)
    }

    private func error(_ kind: ExpressionError.Kind) -> ExpressionError {
        lexer.error(kind, at: token.offset)
    }

    private func unexpected() -> ExpressionError {
        error(.syntax("\(Self.shown(token.kind)) does not belong here"))
    }

    private static func shown(_ kind: ExpressionToken.Kind) -> String {
        switch kind {
        case .identifier(let name): name
        case .int(let value): String(value)
        case .double(let value): String(value)
        case .string(let value): String(reflecting: String(value.prefix(40)))
        case .symbol(let symbol): symbol
        case .end: "the end"
        }
    }
}
