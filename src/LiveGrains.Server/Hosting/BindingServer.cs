using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace LiveGrains.Server.Hosting;

/// <summary>The web server, except that an address it cannot bind is <see cref="ErrorCode.AddressInUse"/>.</summary>
internal sealed class BindingServer(IServer inner, string addresses) : IServer
{
    public IFeatureCollection Features => inner.Features;

    /// <summary>Puts itself around the server that is registered last.</summary>
    internal static void Decorate(IServiceCollection services, IReadOnlyList<string> urls)
    {
        var registered = services.Last(service => service.ServiceType == typeof(IServer));
        services.AddSingleton<IServer>(provider => new BindingServer(
            (IServer)(registered.ImplementationInstance
                ?? registered.ImplementationFactory?.Invoke(provider)
                ?? ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!)),
            string.Join(", ", urls)));
    }

    public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        try
        {
            await inner.StartAsync(application, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new LiveGrainsException(ErrorCode.AddressInUse, $"{addresses}: {exception.Message}", exception);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => inner.StopAsync(cancellationToken);

    public void Dispose() => inner.Dispose();
}
