import Foundation
import TestSupport
import Wire

/// A JSON Schema of Protocols/dashboard.openapi.json, to try answers with.
///
/// It knows the words that the document uses, and takes a word that it does not know for a fault, so that nothing of the
/// document is passed over.
struct Schema {
    private let document: JSONObject

    init() throws {
        document = try Schema.read(Repository.root + "/Protocols/dashboard.openapi.json")
    }

    private static func read(_ path: String) throws -> JSONObject {
        let bytes = Array(try String(contentsOfFile: path, encoding: .utf8).utf8)
        guard let object = try JSONValue(parsing: bytes, byteCountMax: 1 << 20).object else {
            throw Missing(description: "\(path) holds no object")
        }
        return object
    }

    /// What of a value does not fit the schema of that name; empty where all does.
    func faults(of value: JSONValue, as name: String) -> [String] {
        faults(value, ["$ref": .string("#/components/schemas/\(name)")], at: name)
    }

    /// The schema that an answer has, by its path, method and status.
    func name(_ path: String, _ method: String, _ status: Int64) -> String? {
        let operation = document["paths"]?.object?[path]?.object?[method]?.object
        let answer = operation?["responses"]?.object?["\(status)"]?.object
        let kinds = answer?["content"]?.object?.members ?? []
        return kinds.first?.value.object?["schema"]?.object?["$ref"]?.text?.split(separator: "/").last
            .map(String.init)
    }

    private func faults(_ value: JSONValue, _ schema: JSONObject, at place: String) -> [String] {
        schema.members.flatMap { word -> [String] in
            switch word.name {
            case "description", "contentEncoding": return []
            case "$ref":
                let name = word.value.text?.split(separator: "/").last.map(String.init) ?? ""
                let schemas = document["components"]?.object?["schemas"]?.object
                guard let target = schemas?[name]?.object else { return ["\(place): no schema \(name)"] }
                return faults(value, target, at: place)
            case "anyOf":
                let all = (word.value.array ?? []).compactMap(\.object).map { faults(value, $0, at: place) }
                return all.contains([]) ? [] : ["\(place): fits none of \(all)"]
            case "type": return isOf(word.value, value) ? [] : ["\(place): \(value) is no \(word.value)"]
            case "enum":
                return word.value.array?.contains(value) == true ? [] : ["\(place): \(value) is not listed"]
            default: return object(value, schema, word) ?? other(value, schema, word, at: place)
            }
        }
    }

    /// The words on objects; nil where the word is none of them.
    private func object(_ value: JSONValue, _ schema: JSONObject, _ word: JSONObject.Member) -> [String]? {
        let names = value.object?.members.map(\.name) ?? []
        switch word.name {
        case "required":
            guard value.object != nil else { return [] }
            let needed = (word.value.array ?? []).compactMap(\.text)
            return needed.filter { !names.contains($0) }.map { "\($0) is missing" }
        case "properties":
            return (value.object?.members ?? []).flatMap { member in
                word.value.object?[member.name]?.object.map {
                    faults(member.value, $0, at: member.name)
                } ?? []
            }
        case "additionalProperties":
            guard word.value == .bool(false) else { return ["additionalProperties is false or not there"] }
            return names.filter { schema["properties"]?.object?[$0] == nil }.map { "\($0) is not described" }
        default: return nil
        }
    }

    private func other(
        _ value: JSONValue,
        _ schema: JSONObject,
        _ word: JSONObject.Member,
        at place: String
    ) -> [String] {
        let count = Double(value.array?.count ?? value.text?.utf8.count ?? 0)
        let isRight: Bool
        switch word.name {
        case "items":
            return (value.array ?? []).flatMap { faults($0, word.value.object ?? [:], at: place) }
        case "prefixItems":
            return zip(value.array ?? [], word.value.array ?? []).flatMap {
                faults($0, $1.object ?? [:], at: place)
            }
        case "minItems": isRight = value.array == nil || count >= word.value.real ?? 0
        case "maxItems": isRight = value.array == nil || count <= word.value.real ?? 0
        case "minLength": isRight = value.text == nil || count >= word.value.real ?? 0
        case "maxLength": isRight = value.text == nil || count <= word.value.real ?? 0
        case "minimum": isRight = value.real.map { $0 >= word.value.real ?? 0 } ?? true
        case "maximum": isRight = value.real.map { $0 <= word.value.real ?? 0 } ?? true
        case "pattern":
            guard let pattern = word.value.text.flatMap({ try? Regex($0) }) else {
                return ["\(place): a pattern that is none"]
            }
            isRight = value.text.map { $0.contains(pattern) } ?? true
        default: return ["\(place): the word \(word.name) is not known here"]
        }
        return isRight ? [] : ["\(place): \(value) is beyond \(word.name)"]
    }

    private func isOf(_ types: JSONValue, _ value: JSONValue) -> Bool {
        let names = types.array?.compactMap(\.text) ?? [types.text ?? ""]
        return names.contains { name in
            switch value {
            case .object: name == "object"
            case .array: name == "array"
            case .string: name == "string"
            case .integer: name == "integer" || name == "number"
            case .number: name == "number"
            case .bool: name == "boolean"
            case .null: name == "null"
            }
        }
    }
}
