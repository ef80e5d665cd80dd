namespace Lima.Templates.Validation;

/// <summary>Every rule that goes beyond types, in the order in which Lima looks at them; none stops the others.</summary>
internal static class TemplateValidator
{
    public static void Check(Reading reading, SchemaChecker notes)
    {
        PlatformRules.Check(reading, notes);
        UserRules.Check(reading);
        ImageRules.Check(reading);
        HardwareRules.CheckSizes(reading);
        DiskRules.Check(reading);
        MountRules.Check(reading);
        AccessRules.CheckSsh(reading);
        MountRules.CheckType(reading);
        ProvisionRules.Check(reading);
        ImageRules.CheckContainerd(reading);
        ProbeRules.Check(reading);
        PortForwardRules.Check(reading);
        CopyRules.Check(reading);
        AccessRules.CheckDns(reading);
        NetworkRules.Check(reading);
        ExperimentalRules.Check(reading);
        ParamRules.Check(reading);
        UserRules.CheckSudo(reading);
        PortForwardRules.CheckPlain(reading);
        HardwareRules.CheckDevices(reading);
        GuestRules.Check(reading);
    }
}
