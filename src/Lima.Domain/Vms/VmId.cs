namespace Lima.Domain.Vms;

/// <summary>
/// Who a VM is, whatever it is called: a random UUID made when its directory is made, given to QEMU as <c>-uuid</c> and
/// used in its persistence id. A new VM of an old name gets a new one; a rename keeps it.
/// </summary>
/// <param name="Value">The UUID in its 36-character lower-case form.</param>
public readonly record struct VmId(string Value)
{
    /// <summary>The key of this VM's events in the journal.</summary>
    public string PersistenceId => "vm-" + Value;

    /// <summary>Makes an id from random bytes, which the caller supplies so that this project stays free of randomness.</summary>
    public static VmId From(Guid random) => new(random.ToString("D"));

    /// <summary>Reads an id that was written down; false if the text is not a UUID.</summary>
    public static bool TryParse(string? text, out VmId id)
    {
        var ok = Guid.TryParseExact(text?.Trim(), "D", out var guid);
        id = ok ? From(guid) : default;
        return ok;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
