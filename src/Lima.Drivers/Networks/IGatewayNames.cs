namespace Lima.Drivers.Networks;

/// <summary>Answers the questions for names that guests ask the gateway of their network.</summary>
public interface IGatewayNames
{
    /// <summary>The answer to a question; null when it deserves none. Both are messages of DNS.</summary>
    /// <param name="network">Network in which it was asked: names lead to addresses of that network.</param>
    /// <param name="question">The question, from a guest: anything may be in it.</param>
    /// <param name="cancel">Gives up.</param>
    Task<byte[]?> AnswerAsync(string network, ReadOnlyMemory<byte> question, CancellationToken cancel);
}
