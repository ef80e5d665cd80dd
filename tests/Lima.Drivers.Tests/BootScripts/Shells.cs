namespace Lima.Drivers.Tests.BootScripts;

/// <summary>The shells that guests have as <c>/bin/sh</c>: BusyBox's and Debian's.</summary>
internal static class Shells
{
    public static TheoryData<string> All { get; } = ["ash", "dash"];
}
