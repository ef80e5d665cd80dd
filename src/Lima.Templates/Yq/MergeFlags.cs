namespace Lima.Templates.Yq;

/// <summary>Flags of the merge operator: <c>+</c> appends lists, <c>d</c> merges them item by item, <c>?</c> changes existing fields only, <c>n</c> adds new fields only, <c>c</c> overwrites custom tags.</summary>
internal readonly record struct MergeFlags(string Text)
{
    public bool Append => Text.Contains('+');

    public bool Deep => Text.Contains('d');

    public bool ExistingOnly => Text.Contains('?');

    public bool NewOnly => Text.Contains('n');

    public bool Clobber => Text.Contains('c');
}
