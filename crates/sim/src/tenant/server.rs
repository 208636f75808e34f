//! The HTTPS server: accepts connections and serves the tenant's routes on them until stopped.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::intake::{intake, with_plain_path};
use super::world::World;
use super::{authorize, control, discovery, graph, logout, signin, userinfo};

/// How long to wait after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

pub(super) fn router(world: &Arc<World>, with_control: bool) -> Router {
    let mut router = Router::new()
        .nest("/v1.0", graph::routes())
        .nest("/beta", graph::routes())
        .route("/common/discovery/instance", get(discovery::instance))
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(discovery::openid_configuration),
        )
        .route("/{tenant}/discovery/v2.0/keys", get(discovery::keys))
        .route("/{tenant}/oauth2/v2.0/token", post(signin::token))
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            get(authorize::authorize).post(authorize::authorize),
        )
        .route("/{tenant}/oauth2/v2.0/login", post(authorize::choose))
        .route("/{tenant}/oauth2/v2.0/logout", get(logout::logout).post(logout::logout))
        .route("/oidc/userinfo", get(userinfo::userinfo).post(userinfo::userinfo));
    if with_control {
        router = router.nest("/_sim", control::routes());
    }
    router
        .fallback(graph::nothing_here)
        .method_not_allowed_fallback(graph::wrong_method)
        .layer(from_fn_with_state(world.clone(), intake))
        .with_state(world.clone())
}

/// Accepts connections until `stop` is cancelled; every connection ends with it.
pub(super) async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    router: Router,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of descriptors, most likely: other connections must end first.
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let connection = connection(stream, acceptor.clone(), router.clone());
        let stop = stop.clone();
        tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = connection => {}
            }
        });
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, router: Router) {
    let stream = match acceptor.accept(stream).await {
        Ok(stream) => stream,
        Err(error) => {
            tracing::debug!(error = %error, "tls handshake failed");
            return;
        }
    };
    let service = TowerToHyperService::new(router.map_request(with_plain_path));
    let builder = Builder::new(TokioExecutor::new());
    if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(error = %error, "connection ended early");
    }
}
