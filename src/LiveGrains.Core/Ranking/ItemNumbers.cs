namespace LiveGrains.Core;

/// <summary>What the ranking takes from an item's grain.</summary>
/// <param name="Heat">Hotness, 0 or more.</param>
/// <param name="Online">Viewers now; 0 for products and videos.</param>
/// <param name="Impressions">Since the broadcast's start, of items since ever.</param>
/// <param name="Views">Sessions of a room, clicks of a product, plays of a video.</param>
/// <param name="Interactions">Likes, comments, shares, follows, gifts, subscriptions; of a product carts.</param>
/// <param name="Pays">Payments.</param>
/// <param name="Dislikes">Dislikes and reports.</param>
/// <param name="WatchMs">Watched time; 0 for products.</param>
/// <param name="Paid">Amount of the payments, minor units.</param>
internal readonly record struct ItemNumbers(float Heat, long Online, long Impressions, long Views, long Interactions, long Pays, long Dislikes, long WatchMs = 0, long Paid = 0);
