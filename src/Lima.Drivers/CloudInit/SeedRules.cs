using System.Net;
using System.Text.RegularExpressions;
using Lima.Domain.Specs;

namespace Lima.Drivers.CloudInit;

/// <summary>What must hold before a seed is made; a guest that got a wrong one would only be unreachable.</summary>
internal static partial class SeedRules
{
    /// <summary>Finds the first thing that is wrong.</summary>
    /// <exception cref="DriverException">Something is (code <c>seed-invalid</c>).</exception>
    public static void Check(SeedInput input)
    {
        var spec = input.Spec;
        CheckUser(input, spec.User);
        Require(!input.AuthorizedKeys.IsDefaultOrEmpty, input, "no SSH public key may log in", "let the key pair in `_config` be made again");
        foreach (var key in input.AuthorizedKeys) Require(IsLine(key), input, "an SSH public key is not one line of text", "remove it");
        Require(MacPattern().IsMatch(input.Mac), input, $"`{input.Mac}` is no hardware address", "");
        foreach (var server in spec.Dns)
            Require(IPAddress.TryParse(server, out _), input, $"field `dns` has `{Shown(server)}`", "use IP addresses");
        foreach (var (key, value) in spec.Env) CheckVariable(input, "env", key, value);
        foreach (var (key, value) in spec.Params) CheckVariable(input, "param", key, value);
        foreach (var (index, entry) in spec.Provision.Index()) CheckProvision(input, index, entry);
    }

    private static void CheckProvision(SeedInput input, int index, ProvisionSpec entry)
    {
        Require(
            entry.Mode is "system" or "user" or "boot" or "dependency" or "data" or "yq" or "ansible", input,
            $"field `provision[{index}].mode` has `{Shown(entry.Mode)}`, which this version does not know",
            "use `system`, `user`, `boot`, `dependency`, `data` or `yq`");
        if (entry.File is not { } file) return;
        Require(
            !file.Path.Any(char.IsControl) && !file.Owner.Any(char.IsControl), input,
            $"field `provision[{index}]` has a line feed or another control character in `path` or `owner`", "remove it");
        if (entry.Mode != "yq") return;
        Require(
            !input.GuestProgram.IsEmpty, input, $"`provision[{index}]` has the mode `yq`, and there is no `{CloudInit.GuestProgram.FileName(input.Spec.Arch)}`",
            $"guests of the architecture `{input.Spec.Arch}` can be provisioned by the other modes; or build the program for them");
    }

    private static void CheckUser(SeedInput input, UserSpec user)
    {
        Require(user.Name != "root", input, "field `user.name` must not be `root`", "choose another name");
        Require(
            UserPattern().IsMatch(user.Name), input, $"field `user.name` has `{Shown(user.Name)}`",
            "use letters, digits, `.`, `_` and `-`, and begin with a letter or `_`");
        Require(user.Uid > 0, input, $"field `user.uid` must be greater than 0, got {user.Uid}", "choose another number");
        Require(IsPath(user.Shell), input, $"field `user.shell` must be an absolute path, got `{Shown(user.Shell)}`", "use for example `/bin/bash`");
        Require(IsPath(user.Home), input, $"field `user.home` must be an absolute path, got `{Shown(user.Home)}`", $"use for example `/home/{user.Name}.guest`");
        Require(
            !user.Comment.Contains(':') && !user.Comment.Any(char.IsControl), input,
            "field `user.comment` has a colon or a control character", "remove it");
    }

    private static void CheckVariable(SeedInput input, string field, string key, string value)
    {
        Require(VariablePattern().IsMatch(key), input, $"field `{field}` has the name `{Shown(key)}`", "use letters, digits and `_`");
        Require(
            !value.Any(letter => char.IsControl(letter) && letter != '\t'), input,
            $"field `{field}.{key}` has a line feed or another control character", "remove it");
    }

    private static bool IsLine(string text) => text.Trim().Length > 0 && !text.Any(char.IsControl);

    // A colon would end the field of the guest's /etc/passwd.
    private static bool IsPath(string text) => text.StartsWith('/') && !text.Contains(':') && !text.Any(char.IsControl);

    private static string Shown(string text)
    {
        var clean = string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));
        return clean.Length <= 60 ? clean : clean[..60] + "…";
    }

    private static void Require(bool holds, SeedInput input, string problem, string hint)
    {
        if (holds) return;
        throw new DriverException("seed-invalid", "making the cloud-init seed", $"instance `{input.Name}`: {problem}", hint);
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_.-]{0,31}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex UserPattern();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex VariablePattern();

    [GeneratedRegex("^[0-9a-f]{2}(:[0-9a-f]{2}){5}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex MacPattern();
}
