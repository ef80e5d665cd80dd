using Lima.GuestAgent.Yq;

return args is ["yq", .. var rest]
    ? YqCommand.Run(rest, Console.Out, Console.Error)
    : YqCommand.Usage(Console.Error);
