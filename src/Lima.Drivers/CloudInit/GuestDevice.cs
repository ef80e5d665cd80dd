namespace Lima.Drivers.CloudInit;

/// <summary>What a guest calls the disks that it was started with.</summary>
internal static class GuestDevice
{
    /// <summary>Name of the n-th virtio disk, the main one being 0: <c>vda</c> … <c>vdz</c>, <c>vdaa</c>, ….</summary>
    public static string Name(int index)
    {
        var letters = "";
        for (var left = index + 1; left > 0; left = (left - 1) / 26) letters = (char)('a' + ((left - 1) % 26)) + letters;
        return "vd" + letters;
    }
}
