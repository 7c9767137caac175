public import ECGSignal

/// A set of leads for which a model's probabilities can be fitted: fewer leads make the same similarity mean less.
public enum FittedLeads: String, Sendable, CaseIterable {
    /// All twelve standard leads.
    case twelve = "12"
    /// The six limb leads.
    case limb
    /// Lead II alone.
    case leadII = "II"
    /// Lead I alone.
    case leadI = "I"

    /// The leads of the set.
    public var leads: LeadSet {
        switch self {
        case .twelve: LeadSet(Lead.standard)
        case .limb: .limb
        case .leadII: LeadSet([.ii])
        case .leadI: LeadSet([.i])
        }
    }

    /// The largest of the fitted sets whose leads are all used; nil where there is none.
    ///
    /// The cases fall in size. Lead II comes before lead I: where both are used, the other limb leads are derived from
    /// them and the limb set fits, unless a derived lead lacks samples.
    static func largest(of fitted: some Sequence<FittedLeads>, within used: LeadSet) -> FittedLeads? {
        let fitted = Set(fitted)
        return allCases.first { fitted.contains($0) && $0.leads.isSubset(of: used) }
    }
}
