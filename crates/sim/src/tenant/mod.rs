//! A simulated Entra tenant: sign-in endpoints and Microsoft Graph over HTTPS.
