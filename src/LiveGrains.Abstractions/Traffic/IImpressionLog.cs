namespace LiveGrains;

/// <summary>A slot of a recommendation under a policy of traffic that was shown, and what came of it. Names no user.</summary>
/// <param name="Time">When the list was made.</param>
/// <param name="Item">The room, product or video.</param>
/// <param name="Position">From 1.</param>
/// <param name="Clicked">The user entered, clicked or played within ten minutes.</param>
/// <param name="Propensity">How probable it was that this item gets this position, above 0, to 1.</param>
/// <param name="Segment">Of the user, from 1; 0: unknown.</param>
public readonly record struct ShownSlot(DateTimeOffset Time, string Item, int Position, bool Clicked, double Propensity, int Segment);

/// <summary>Takes what was shown, for off-policy evaluation. Called on the recommender's thread; must not wait.</summary>
public interface IImpressionLog
{
    /// <summary>Takes a slot whose ten minutes are over.</summary>
    void Write(in ShownSlot slot);
}
