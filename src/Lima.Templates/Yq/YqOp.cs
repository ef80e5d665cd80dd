namespace Lima.Templates.Yq;

/// <summary>What a part of an expression does.</summary>
internal enum YqOp
{
    Self, Value, Text, Variable, Path, Index, Collect, CollectObject, Entry, Nothing, Descend, DescendKeys, Reference,
    Pipe, Union, Block, Bind, BindReference, Reduce,
    Assign, Update, AddAssign, SubtractAssign, MultiplyAssign,
    Add, Subtract, Multiply, Divide, Modulo, Alternative,
    Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, And, Or, Not, Min, Max,
    AssignStyle, AssignTag, AssignAnchor, AssignAlias, AssignComment,
    Style, Tag, Kind, Anchor, Alias, Comment, Line, Column, Explode,
    Length, Keys, KeyOf, IsKey, PathOf, SetPath, DeletePaths, Parent, Parents, Has, Contains,
    DocumentIndex, FileIndex, FileName, SplitDocument,
    Select, Delete, Map, MapValues, Filter, Pick, Omit, First, With, WithEntries, ToEntries, FromEntries, ArrayToMap,
    Any, All, AnyWhere, AllWhere, Flatten, GroupBy, Unique, UniqueBy, Sort, SortBy, SortKeys, Reverse, Pivot,
    Join, Split, Substitute, Match, Capture, Test, Upcase, Downcase, Trim, ToText, ToNumber,
    Encode, Decode, Environment, EnvironmentSubstitute, Load, LoadText, Evaluate, Error,
}
