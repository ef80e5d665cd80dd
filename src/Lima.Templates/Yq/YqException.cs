namespace Lima.Templates.Yq;

/// <summary>An expression that cannot be parsed or evaluated; becomes a problem at the edge.</summary>
internal sealed class YqException(string message) : Exception(message);
