namespace Lima.Domain.Networks;

/// <summary>The network that QEMU itself gives to each guest, as Lima lays it out.</summary>
public static class UserNetwork
{
    /// <summary>The host, as the guest sees it; also its gateway.</summary>
    public const string Gateway = "192.168.5.2";

    /// <summary>The guest's own address.</summary>
    public const string Guest = "192.168.5.15";
}
