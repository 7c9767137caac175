internal import ArgumentParser
private import Foundation
internal import Service

/// The flags of `serve`, made from the one table of the configuration's keys.
///
/// ArgumentParser finds the options of a type by reflection on its members, and this type's reflection lists one
/// option for each row of the table. So a new row is a new flag with its help and its completion.
struct ConfigurationFlags: ParsableArguments, CustomReflectable {
    /// The keys that were given, with their values as text.
    private(set) var given: [(key: String, text: String)] = []

    init() {}

    /// The name of a row as the parser looks it up.
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Name.self)
        for key in ConfigurationKey.all {
            let name = Name(stringValue: key.name)
            switch key.shape {
            case .list:
                let texts = try values.decode([String].self, forKey: name)
                if !texts.isEmpty { given.append((key.name, texts.joined(separator: ","))) }
            case .toggle:
                if try values.decode(Bool.self, forKey: name) { given.append((key.name, "true")) }
            case .single, .word, .folder:
                if let text = try values.decodeIfPresent(String.self, forKey: name) {
                    given.append((key.name, text))
                }
            }
        }
    }

    var customMirror: Mirror {
        Mirror(
            self,
            children: ConfigurationKey.all.map { (label: $0.name, value: ConfigurationFlags.option($0)) }
        )
    }

    /// The configuration in force: flags before the environment, that before the file, that before the defaults.
    ///
    /// `file` is where `--config` was given.
    func layered(over file: String?) throws(Configuration.Refused) -> Configuration {
        var settings = Configuration()
        settings.model = ModelOption.defaultFolder
        let environment = ProcessInfo.processInfo.environment
        let variable = environment[Configuration.environmentPrefix + "CONFIG"].flatMap {
            $0.isEmpty ? nil : $0
        }
        if let file = file ?? variable { try settings.read(file: file) }
        try settings.read(environment: environment)
        for (key, text) in given { try settings.set(flag: key, to: text) }
        return settings
    }

    private static func option(_ key: ConfigurationKey) -> Any {
        let name = NameSpecification.customLong(key.name)
        // The number of workers follows from the machine; a list and a switch begin with nothing, as what is empty does.
        let hasDefault =
            key.shape != .list && key.shape != .toggle && key.name != "workers"
            && !key.standard.isEmpty
        let help = ArgumentHelp(
            stringLiteral: hasDefault ? "\(key.help.dropLast()) (default \(key.standard))." : key.help
        )
        switch key.shape {
        case .list: return Option<[String]>(wrappedValue: [], name: name, help: help)
        case .toggle: return Flag<Bool>(wrappedValue: false, name: name, help: help)
        case .single: return Option<String?>(name: name, help: help)
        case .folder: return Option<String?>(name: name, help: help, completion: .directory)
        case .word(let words): return Option<String?>(name: name, help: help, completion: .list(words))
        }
    }
}
