namespace Lima.Templates.Validation;

/// <summary>Every rule that goes beyond types, in the order of the fields in Lima's reference; none stops the others.</summary>
internal static class TemplateValidator
{
    public static void Check(Reading reading, SchemaChecker notes)
    {
        PlatformRules.Check(reading, notes);
        ImageRules.Check(reading);
        HardwareRules.Check(reading);
        StorageRules.Check(reading);
        AccessRules.Check(reading);
        ProvisionRules.Check(reading, notes);
        GuestRules.Check(reading);
        ParamRules.Check(reading);
    }
}
