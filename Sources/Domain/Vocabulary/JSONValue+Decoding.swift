internal import FoundationEssentials

extension JSONValue {
    /// This document as a value of a type; throws what `JSONDecoder` throws when it is none.
    package func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
    }
}
