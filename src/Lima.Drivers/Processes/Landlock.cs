namespace Lima.Drivers.Processes;

/// <summary>What a confined process may do beneath a path; the kernel's numbers.</summary>
[Flags]
internal enum LandlockRights : ulong
{
    Execute = 1 << 0,
    WriteFile = 1 << 1,
    ReadFile = 1 << 2,
    ReadDirectory = 1 << 3,
    RemoveDirectory = 1 << 4,
    RemoveFile = 1 << 5,
    MakeCharacterDevice = 1 << 6,
    MakeDirectory = 1 << 7,
    MakeFile = 1 << 8,
    MakeSocket = 1 << 9,
    MakePipe = 1 << 10,
    MakeBlockDevice = 1 << 11,
    MakeLink = 1 << 12,
    /// <summary>Renaming and linking from one directory into another; since version 2, and refused before.</summary>
    Refer = 1 << 13,
    /// <summary>Since version 3.</summary>
    Truncate = 1 << 14,
    /// <summary>Since version 5.</summary>
    ControlDevice = 1 << 15,

    /// <summary>Looking at files and directories.</summary>
    Read = ReadFile | ReadDirectory,
    /// <summary>What users do with files; no devices, no programs.</summary>
    Change = Read | WriteFile | RemoveDirectory | RemoveFile | MakeDirectory | MakeFile | MakeSocket | MakePipe | MakeLink | Refer | Truncate,
    /// <summary>What may be granted on something that is no directory.</summary>
    OnFiles = Execute | WriteFile | ReadFile | Truncate | ControlDevice,
}

/// <summary>Landlock, by which a process without privileges gives up most of the file system for itself and its children; Linux 5.13 and later.</summary>
internal static unsafe class Landlock
{
    private const long AskVersion = 1;
    // Rights of version 1 are the first thirteen.
    private const ulong FirstRights = (1 << 13) - 1;

    /// <summary>Version that the kernel speaks; 0 for none, or switched off.</summary>
    public static int Version { get; } = Math.Max(0, (int)LandlockNative.Call(LandlockNative.CreateRuleset, 0, 0, AskVersion, 0));

    /// <summary>All rights that this version knows, so all that are taken away where no rule gives them back.</summary>
    public static LandlockRights Known { get; } = (LandlockRights)(FirstRights
        | (Version >= 2 ? (ulong)LandlockRights.Refer : 0)
        | (Version >= 3 ? (ulong)LandlockRights.Truncate : 0)
        | (Version >= 5 ? (ulong)LandlockRights.ControlDevice : 0));
}
