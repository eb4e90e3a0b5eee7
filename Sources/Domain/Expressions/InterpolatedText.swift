/// A text with `${{ expression }}` in it, read once and filled in often.
package struct InterpolatedText: Hashable, Sendable {
    package enum Part: Hashable, Sendable {
        case text(String)
        case expression(ParsedExpression)
    }
    package let source: String
    package let parts: [Part]
    /// Where each expression starts in `source`, in characters; one entry per expression part.
    package let offsets: [Int]

    /// Throws with offsets, lines and columns of the whole text.
    package init(_ source: String) throws(ExpressionError) {
        self.source = source
        var parts: [Part] = []
        var offsets: [Int] = []
        let scalars = Array(source.unicodeScalars)
        var position = 0
        var plain = String.UnicodeScalarView()
        while position < scalars.count {
            guard scalars[position...].starts(with: "${{".unicodeScalars) else {
                plain.append(scalars[position])
                position += 1
                continue
            }
            let start = position + 3
            guard let end = Self.end(of: scalars, from: start) else {
                throw Self.error(.syntax("${{ is not closed by }}"), source, position)
            }
            if !plain.isEmpty { parts.append(.text(String(plain))) }
            plain = String.UnicodeScalarView()
            var inner = String.UnicodeScalarView()
            inner.append(contentsOf: scalars[start..<end])
            do {
                parts.append(.expression(try ParsedExpression(String(inner))))
            } catch {
                throw Self.error(error.kind, source, start + error.offset)
            }
            offsets.append(start)
            position = end + 2
        }
        if !plain.isEmpty { parts.append(.text(String(plain))) }
        self.parts = parts
        self.offsets = offsets
    }

    /// The single expression when the text is nothing else, as in `"${{ inputs.goal }}"`.
    package var onlyExpression: ParsedExpression? {
        guard parts.count == 1, case .expression(let expression) = parts[0] else { return nil }
        return expression
    }

    package var expressions: [ParsedExpression] {
        parts.compactMap { part in
            switch part {
            case .text: nil
            case .expression(let expression): expression
            }
        }
    }

    /// The text with every expression's value in its place. Values are inserted as they are and never read
    /// again.
    package func filled(_ variables: [String: ExpressionValue]) throws(EvaluationError) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .expression(let expression): result += try expression.evaluate(variables).text
            }
        }
        return result
    }

    /// The place of the `}}` that ends an expression; one inside a quoted text does not.
    private static func end(of scalars: [Unicode.Scalar], from start: Int) -> Int? {
        var quote: Unicode.Scalar?
        var position = start
        while position < scalars.count {
            let scalar = scalars[position]
            if let open = quote {
                if scalar == "\\" { position += 1 } else if scalar == open { quote = nil }
            } else if scalar == "\"" || scalar == "'" {
                quote = scalar
            } else if scalar == "}", position + 1 < scalars.count, scalars[position + 1] == "}" {
                return position
            }
            position += 1
        }
        return nil
    }

    private static func error(_ kind: ExpressionError.Kind, _ source: String, _ offset: Int)
        -> ExpressionError
    {
        let (line, column) = source.place(of: offset)
        return ExpressionError(kind: kind, offset: offset, line: line, column: column)
    }
}
