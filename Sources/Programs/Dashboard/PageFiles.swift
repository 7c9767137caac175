/// The files of the pages, which stand in the program itself.
enum PageFiles {
    /// A file as a browser is given it.
    struct File: Sendable {
        let type: String
        let bytes: [UInt8]
    }

    /// The files by path.
    static let all: [String: File] = [
        "/": File(type: "text/html; charset=utf-8", bytes: PackageResources.index_html),
        "/style.css": File(type: "text/css; charset=utf-8", bytes: PackageResources.style_css),
        "/paper.css": File(type: "text/css; charset=utf-8", bytes: PackageResources.paper_css),
        "/patient.css": File(type: "text/css; charset=utf-8", bytes: PackageResources.patient_css),
        "/alarms.css": File(type: "text/css; charset=utf-8", bytes: PackageResources.alarms_css),
        "/icon.svg": File(type: "image/svg+xml", bytes: PackageResources.icon_svg),
        "/main.js": script(PackageResources.main_js),
        "/line.js": script(PackageResources.line_js),
        "/traces.js": script(PackageResources.traces_js),
        "/alarms.js": script(PackageResources.alarms_js),
        "/acts.js": script(PackageResources.acts_js),
        "/people.js": script(PackageResources.people_js),
        "/sound.js": script(PackageResources.sound_js),
        "/strip.js": script(PackageResources.strip_js),
        "/trend.js": script(PackageResources.trend_js),
        "/ward.js": script(PackageResources.ward_js),
        "/roster.js": script(PackageResources.roster_js),
        "/station.js": script(PackageResources.station_js),
        "/sweep.js": script(PackageResources.sweep_js),
        "/patient.js": script(PackageResources.patient_js),
        "/paper.js": script(PackageResources.paper_js),
        "/technical.js": script(PackageResources.technical_js),
        "/words.js": script(PackageResources.words_js),
        "/settings.js": script(PackageResources.settings_js),
    ]

    private static func script(_ bytes: [UInt8]) -> File {
        File(type: "text/javascript; charset=utf-8", bytes: bytes)
    }
}
