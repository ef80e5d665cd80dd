using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lima.Drivers.Qemu;

/// <summary>Version of QEMU.</summary>
public readonly partial record struct QemuVersion(int Major, int Minor, int Patch) : IComparable<QemuVersion>
{
    /// <summary>Reads <c>QEMU emulator version 7.2.22 (…)</c>, or a bare <c>8.2</c> or <c>8.2.1</c>.</summary>
    public static bool TryParse(string text, out QemuVersion version)
    {
        var match = Pattern().Match(text);
        version = match.Success ? new QemuVersion(Number(match, 1), Number(match, 2), Number(match, 3)) : default;
        return match.Success;
    }

    /// <summary>Reads the version in a QMP greeting; 0.0.0 when it has none.</summary>
    public static QemuVersion FromGreeting(JsonElement greeting)
    {
        if (greeting.ValueKind != JsonValueKind.Object || !greeting.TryGetProperty("version", out var version)) return default;
        if (version.ValueKind != JsonValueKind.Object || !version.TryGetProperty("qemu", out var qemu) || qemu.ValueKind != JsonValueKind.Object) return default;
        return new QemuVersion(Member("major"), Member("minor"), Member("micro"));

        int Member(string name) => qemu.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : 0;
    }

    /// <inheritdoc/>
    public int CompareTo(QemuVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    /// <summary>Older than.</summary>
    public static bool operator <(QemuVersion a, QemuVersion b) => a.CompareTo(b) < 0;
    /// <summary>Newer than.</summary>
    public static bool operator >(QemuVersion a, QemuVersion b) => a.CompareTo(b) > 0;
    /// <summary>As old or older.</summary>
    public static bool operator <=(QemuVersion a, QemuVersion b) => a.CompareTo(b) <= 0;
    /// <summary>As new or newer.</summary>
    public static bool operator >=(QemuVersion a, QemuVersion b) => a.CompareTo(b) >= 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    private static int Number(Match match, int group) =>
        match.Groups[group].Success && int.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;

    [GeneratedRegex(@"(?:^|version )\s*v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
