using System.Text.Json;
using Lima.Templates.GoTemplates;
using Lima.Templates.Validation;

namespace Lima.Templates.Expressions;

/// <summary>What the message of an instance may name: a list entry, as far as it is known before the instance runs.</summary>
internal static class MessageData
{
    public static GoStruct For(Reading reading, FilledTemplate filled)
    {
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) Write(writer, reading, filled);
        using var entry = JsonDocument.Parse(buffer.ToArray());
        return GoFields.Instance(entry.RootElement);
    }

    private static void Write(Utf8JsonWriter writer, Reading reading, FilledTemplate filled)
    {
        var (root, instance, host) = (reading.Root, reading.Instance, reading.Host);
        writer.WriteStartObject();
        writer.WriteString("name", instance.Name);
        writer.WriteString("hostname", instance.Hostname);
        writer.WriteString("dir", instance.Directory);
        writer.WriteString("vmType", reading.VmType);
        writer.WriteString("arch", reading.Arch);
        writer.WriteNumber("cpus", root.Integer("cpus") ?? 0);
        writer.WriteNumber("memory", SizeText.Parse(root.Text("memory") ?? "") ?? 0);
        writer.WriteNumber("disk", SizeText.Parse(root.Text("disk") ?? "") ?? 0);
        writer.WriteNumber("sshLocalPort", root.Map("ssh").Integer("localPort") ?? 0);
        writer.WriteString("sshAddress", "127.0.0.1");
        writer.WriteString("sshConfigFile", instance.Directory + "/ssh.config");
        writer.WriteString("limaVersion", host.LimaVersion);
        writer.WritePropertyName("config");
        filled.WriteJson(writer);
        writer.WriteStartObject("param");
        foreach (var (key, _, text) in root.Pairs("param")) writer.WriteString(key.Value, text);
        writer.WriteEndObject();
        var home = TemplateData.LimaHome(instance, host);
        writer.WriteString("HostOS", "linux");
        writer.WriteString("HostArch", host.Arch);
        writer.WriteString("LimaHome", home);
        writer.WriteString("IdentityFile", home + "/_config/user");
        writer.WriteEndObject();
    }
}
