using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Yq;

return args switch
{
    ["yq", .. var rest] => YqCommand.Run(rest, Console.Out, Console.Error),
    ["daemon", .. var rest] => DaemonCommand.Run(rest, Console.Out, Console.Error),
    ["--help"] => Usage(Console.Out, 0),
    _ => Usage(Console.Error, 2),
};

static int Usage(TextWriter writer, int code)
{
    writer.WriteLine(DaemonOptions.Help);
    YqCommand.Usage(writer);
    return code;
}
